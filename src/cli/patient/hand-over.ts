import { handOver } from '../../client/patient/handover.ts'
import type { Command } from '../command.ts'
import { checkKitFile, KIT_OPTIONS, kitKeeping } from './new-kit.ts'
import { HOME_OPTION, secretOf, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient hand-over',
  summary: 'take a new identity, when somebody else may hold the keys of yours',
  help: `
Gives your record a new identity, at once, by the word of the one you have: for when somebody else may have read your keys.
It takes a new opening letter from your health insurer, and a session (coffre patient sign-in). Everything stays readable
to you; nobody else has access until you give it again; every device is added anew with the new kit. Secret code and
contact stay.

Examples:
  coffre patient hand-over --home ~/dmp --kit kit.pdf
  coffre patient add-device --home ~/dmp
`,
  options: {
    ...HOME_OPTION,
    ...KIT_OPTIONS,
    'code-file': { type: 'string', value: 'FILE', description: 'file with the opening code; asked for otherwise' },
  },
  async run(args, io) {
    const kit = await checkKitFile(args)
    return await signedIn(args, io, async session => {
      const code = await secretOf(args, io, { name: 'code', question: 'Opening code:' })
      const { fingerprint } = await handOver(session, { code, ...kitKeeping(args, io, kit) })
      io.print(`Your record has its new identity: ${fingerprint}`)
      io.print('Next: coffre patient add-device, with the new kit; then give access again to whom you want.')
      return { fingerprint, kit }
    })
  },
}
