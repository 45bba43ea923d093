import { reopenRecord } from '../../client/patient/reopen.ts'
import { type Command, UsageError } from '../command.ts'
import { checkKitFile, KIT_OPTIONS, kitKeeping } from './new-kit.ts'
import { ANCHORS_OPTION, anchorsOf, HOME_OPTION, homeOf, insOf, secretOf } from './options.ts'

export const command: Command = {
  name: 'patient reopen',
  summary: 'begin again after kit and devices were lost, with a new opening letter',
  help: `
For when the recovery kit and every device are lost. Your health insurer sends a new opening letter; with its code this
machine makes a new identity and a new kit for the record that you have. Nothing changes by that alone:

1. Show the fingerprint that this command prints to a professional who has access to your record, in person. That
   professional compares it, vouches for it with the card (coffre pro vouch) and gives back what the own access opens.
2. 72 hours pass, in which you are told by every way known before and any of your devices may stop it.
3. coffre patient recover, with the new kit, brings the new identity in.

What no professional gives back is lost with the kit: always what you masked.

Examples:
  coffre patient reopen --home ~/dmp --anchors anchors.json --ins 1234567890123456789012 --kit kit.pdf
`,
  options: {
    ...HOME_OPTION,
    ...ANCHORS_OPTION,
    ins: { type: 'string', value: 'INS', required: true, description: 'the INS on the letter, 22 digits' },
    ...KIT_OPTIONS,
    'code-file': { type: 'string', value: 'FILE', description: 'file with the opening code; asked for otherwise' },
  },
  async run(args, io) {
    const ins = insOf(args)
    if (ins === undefined) throw new UsageError('--ins is missing (the INS on the letter)')
    const kit = await checkKitFile(args)
    const home = homeOf(args)
    await home.trust(anchorsOf(args).anchors) // before any secret is asked for
    const proposed = await reopenRecord({
      home,
      ins,
      clock: io.clock,
      ...anchorsOf(args),
      code: await secretOf(args, io, { name: 'code', question: 'Opening code:' }),
      ...kitKeeping(args, io, kit),
    })
    if (proposed.resumed) io.print('An earlier one had been sent without an answer; it was sent again, the same.')
    io.print(`A new identity waits for your record ${proposed.recordId}.`)
    io.print(`Show this fingerprint to your doctor, in person: ${proposed.fingerprint}`)
    io.print('72 hours after the doctor has vouched for it: coffre patient recover')
    return { ...proposed, kit }
  },
}
