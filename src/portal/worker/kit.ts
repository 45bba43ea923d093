import { kitInEnglish, kitInFrench, qrModules } from '../../client/kit-page.ts'
import type { OpenInput } from '../../client/patient/open.ts'
import type { Talk } from '../talk.ts'

/** A new kit is shown, printed and asked back by the person, through the page. */
export function kitThrough(talk: Talk): Pick<OpenInput, 'keepKit' | 'askKit'> {
  let isAgain = false
  return {
    async keepKit({ secretText, qr, ins, fingerprint, createdAt }) {
      const sheets = [kitInFrench(createdAt), kitInEnglish(createdAt)]
      await talk.ask('kit', { secretText, qr: qrModules(qr), ins, fingerprint, sheets })
    },
    async askKit(groups) {
      const answers = await talk.ask('kit-check', { groups, isAgain })
      isAgain = true
      return answers
    },
  }
}
