import { addDevice } from '../../client/patient/devices.ts'
import { startPairing } from '../../client/patient/pairing.ts'
import { terminalQr } from '../../client/terminal-qr.ts'
import { type Arguments, type Command, flag, type Io } from '../command.ts'
import {
  ANCHORS_OPTION,
  anchorsOf,
  HOME_OPTION,
  homeOf,
  insOf,
  OTP_OPTION,
  oneTimePassword,
  SECRET_CODE_OPTION,
  secretOf,
} from './options.ts'

export const command: Command = {
  name: 'patient add-device',
  summary: 'let this machine open the record: with the kit, or by another device',
  help: `
Makes this machine one that opens your record: with your secret code, a one-time password, and the recovery key of the
kit. Or, with --by-device, with a device that opens the record: this machine shows a code, which
coffre patient welcome-device takes there. You are told of it over the contact that you gave before; coffre patient devices shows it.

Examples:
  coffre patient add-device --home ~/dmp --anchors anchors.json --ins 1234567890123456789012
  coffre patient add-device --home ~/dmp --anchors anchors.json --ins 1234567890123456789012 --by-device
`,
  options: {
    ...HOME_OPTION,
    ...ANCHORS_OPTION,
    ins: { type: 'string', value: 'INS', description: 'needed where this folder does not know the record yet' },
    'by-device': { type: 'boolean', description: 'be let in by a device that opens the record, instead of the kit' },
    'kit-file': { type: 'string', value: 'FILE', description: 'file with the recovery key; asked for otherwise' },
    ...SECRET_CODE_OPTION,
    ...OTP_OPTION,
  },
  async run(args, io) {
    const ins = insOf(args)
    const home = homeOf(args)
    await home.trust(anchorsOf(args).anchors) // before any secret is asked for
    const added = await addDevice({
      home,
      clock: io.clock,
      ...anchorsOf(args),
      ...(ins === undefined ? {} : { ins }),
      by: flag(args, 'by-device')
        ? { accountKey: await byDevice(args, io) }
        : { kit: await secretOf(args, io, { name: 'kit', question: 'Recovery key (on the kit):' }) },
      secretCode: await secretOf(args, io, { name: 'secret-code', question: 'Secret code:' }),
      oneTimePassword: (sentTo, delivery) => oneTimePassword(args, io, { sentTo, delivery }),
    })
    await added.session.close()
    io.print(`This machine opens your record ${added.recordId}, as device ${added.slotId}; you are signed in.`)
    for (const warning of added.warnings) io.print(`Warning: ${warning}`)
    const { recordId, slotId, warnings } = added
    return { recordId, slotId, warnings }
  },
}

/** Shows the code of this machine and waits for the other. */
async function byDevice(args: Arguments, io: Io) {
  const pairing = await startPairing({ home: homeOf(args), clock: io.clock, ...anchorsOf(args) })
  io.print('Scan this with a device that opens the record, or give it the text below. It is good for ten minutes.')
  io.print(terminalQr(pairing.text))
  io.print(pairing.text)
  return pairing.accountKey()
}
