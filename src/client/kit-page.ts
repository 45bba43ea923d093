/** What a page needs to show and print a recovery kit itself: the words of the printed one, and its QR code as modules. */
export { english as kitInEnglish, french as kitInFrench } from '../paper/kit-words.ts'
export { qrModules } from '../paper/qr.ts'
