import { frameOrigin } from '../frame-origin.ts';
import { library, type OriginRule } from './origin-rule.ts';

export const bunOrigin: OriginRule = ({ file }, { appRoot }) =>
  file === null || /^(?:internal|bun):|^native$/.test(file) ? library('bun') : frameOrigin(file, appRoot);
