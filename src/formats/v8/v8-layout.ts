import type { LoadedImage } from '../elf/loaded-image.ts';
import type { ReadBytes } from '../elf/memory-reader.ts';
import { readV8Constants } from './v8-constants.ts';

/** Where V8 keeps what, in bytes from the start of an object or from the frame pointer. */
export type V8Layout = {
  frameFunction: number;
  frameContext: number;
  mapInstanceType: number;
  functionShared: number;
  sharedName: number;
  sharedScript: number;
  scriptName: number;
  stringLength: number;
  stringCharacters: number;
  thinActual: number;
  consFirst: number;
  consSecond: number;
  /** Words of a ScopeInfo from its flags on. */
  scopeLocalCount: number;
  scopeFirstVariable: number;
  sharedType: number;
  scriptType: number;
  scopeType: number;
  firstNonstringType: number;
};

/** Read it when arming; see `readV8Constants`. */
export function readV8Layout(read: ReadBytes, image: LoadedImage): V8Layout | null {
  return readV8Constants(read, image, NAMES);
}

const NAMES: Readonly<Record<keyof V8Layout, readonly string[]>> = {
  frameFunction: ['off_fp_function'],
  frameContext: ['off_fp_context'],
  mapInstanceType: ['class_Map__instance_type__uint16_t'],
  functionShared: ['class_JSFunction__shared__SharedFunctionInfo'],
  sharedName: [
    'class_SharedFunctionInfo__name_or_scope_info__Object',
    'class_SharedFunctionInfo__name_or_scope_info__Tagged_Object_',
    'class_SharedFunctionInfo__name_or_scope_info__Tagged_NameOrScopeInfoT_',
  ],
  sharedScript: [
    'class_SharedFunctionInfo__script_or_debug_info__HeapObject',
    'class_SharedFunctionInfo__script__Tagged_HeapObject_',
    'class_SharedFunctionInfo__raw_script__Tagged_Object_',
  ],
  scriptName: ['class_Script__name__Object'],
  stringLength: ['class_String__length__int32_t'],
  stringCharacters: ['class_SeqOneByteString__chars__char'],
  thinActual: ['class_ThinString__actual__String'],
  consFirst: ['class_ConsString__first__String'],
  consSecond: ['class_ConsString__second__String'],
  scopeLocalCount: ['scopeinfo_idx_ncontextlocals'],
  scopeFirstVariable: ['scopeinfo_idx_first_vars'],
  sharedType: ['type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE'],
  scriptType: ['type_Script__SCRIPT_TYPE'],
  scopeType: ['type_ScopeInfo__SCOPE_INFO_TYPE'],
  firstNonstringType: ['FirstNonstringType'],
};
