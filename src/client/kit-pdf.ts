/** The recovery kit as a PDF, for programs with a file system; a browser prints its own page. */
export { type RecoveryKit, recoveryKitPdf } from '../paper/kit.ts'
