import { resolve } from 'node:path'
import { InputError } from '../../client/errors.ts'
import { pathExists, writePrivate } from '../../client/home-files.ts'
import { recoveryKitPdf } from '../../client/kit-pdf.ts'
import { openRecord } from '../../client/patient/open.ts'
import { type Command, flag, requiredOption, textOption, UsageError } from '../command.ts'
import { ANCHORS_OPTION, anchorsOf, HOME_OPTION, homeOf, insOf, readText, secretOf } from './options.ts'

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
    kit: { type: 'string', value: 'FILE', required: true, description: 'where the recovery kit (PDF) is written' },
    force: { type: 'boolean', description: 'overwrite that file' },
    'code-file': { type: 'string', value: 'FILE', description: 'file with the opening code; asked for otherwise' },
    'kit-check-file': {
      type: 'string',
      value: 'FILE',
      description: 'file with the recovery key as printed; two groups are asked for otherwise',
    },
  },
  async run(args, io) {
    const kit = resolve(requiredOption(args, 'kit'))
    const ins = insOf(args)
    if (ins === undefined) throw new UsageError('--ins is missing (the INS on the letter)')
    const home = homeOf(args)
    if (!flag(args, 'force') && (await home.opening()) === null && (await pathExists(kit))) {
      throw new InputError(`${kit} is there already: choose another --kit, or --force`, { code: 'file-exists' })
    }
    await home.trust(anchorsOf(args).anchors) // before any secret is asked for
    let tries = 0
    const opened = await openRecord({
      home,
      ins,
      clock: io.clock,
      ...anchorsOf(args),
      code:
        (await home.opening()) === null ? await secretOf(args, io, { name: 'code', question: 'Opening code:' }) : '',
      async keepKit(page) {
        await writePrivate(kit, await recoveryKitPdf(page))
        io.print(`Your recovery kit is ${kit}: print it now, keep the print in a safe place, delete the file.`)
      },
      async askKit(groups) {
        const file = textOption(args, 'kit-check-file')
        if (file !== undefined) {
          const printed = (await readText(file)).trim().split(/[\s-]+/)
          return groups.map(number => printed[number - 1] ?? '')
        }
        const { ask } = io
        if (ask === undefined) {
          throw new UsageError('Nobody can be asked here: give --kit-check-file', { code: 'answer-missing' })
        }
        if (tries++ > 0) io.print('That is not what the kit says. Look at the print again.')
        const answers: string[] = []
        for (const number of groups) answers.push(await ask(`Group ${number} of the recovery key on the print:`))
        return answers
      },
    })
    if (opened.resumed) io.print('An earlier opening had been sent without an answer; it was sent again, the same.')
    io.print(`Your record is open: ${opened.recordId}`)
    io.print(`Fingerprint of your identity: ${opened.fingerprint}`)
    io.print('The second letter comes by post. With it and the kit: coffre patient activate')
    return { ...opened, kit }
  },
}
