import { resolve } from 'node:path'
import { openRecord } from '../../client/patient/open.ts'
import { type Command, requiredOption, UsageError } from '../command.ts'
import { checkKitFile, KIT_OPTIONS, kitKeeping } from './new-kit.ts'
import { ANCHORS_OPTION, anchorsOf, HOME_OPTION, homeOf, insOf, secretOf } from './options.ts'

export const command: Command = {
  name: 'patient open',
  summary: 'open the record with the code of the first letter',
  help: `
Opens your record. Your keys are made on this machine, and nobody else has them, the host included. You get a recovery
kit as PDF: print it, keep it in a safe place, and delete the file. Two of its groups are asked back before anything is
sent, because without the kit a lost device means a lost record.

The opening code is on the first letter. It is asked for, or read from a file; it is never an option's value. So is
the kit's check: --kit-check-file names a file with the whole recovery key as read from the print.

If the answer of the host was lost, run the same command again: the same opening is sent, never a second one.

Examples:
  coffre patient open --home ~/dmp --anchors anchors.json --ins 1234567890123456789012 --kit kit.pdf
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
    const home = homeOf(args)
    const pending = (await home.opening()) !== null
    const kit = pending ? resolve(requiredOption(args, 'kit')) : await checkKitFile(args)
    await home.trust(anchorsOf(args).anchors) // before any secret is asked for
    const opened = await openRecord({
      home,
      ins,
      clock: io.clock,
      ...anchorsOf(args),
      code: pending ? '' : await secretOf(args, io, { name: 'code', question: 'Opening code:' }),
      ...kitKeeping(args, io, kit),
    })
    if (opened.resumed) io.print('An earlier opening had been sent without an answer; it was sent again, the same.')
    io.print(`Your record is open: ${opened.recordId}`)
    io.print(`Fingerprint of your identity: ${opened.fingerprint}`)
    io.print('The second letter comes by post. With it and the kit: coffre patient activate')
    return { ...opened, kit }
  },
}
