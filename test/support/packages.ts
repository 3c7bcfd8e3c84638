/** In `npm run test:all`: packages are built, installed in a clean Debian, and compared, which takes minutes. */
export const WITH_PACKAGES: boolean = process.env.CRASHMON_TEST_PACKAGES === '1';
