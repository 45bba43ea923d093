import { addDevice } from '../../client/patient/devices.ts'
import { startPairing } from '../../client/patient/pairing.ts'
import { terminalQr } from '../../client/terminal-qr.ts'
import { type Arguments, type Command, flag, type Io } from '../command.ts'
import { ENTERING_OPTIONS, entering } from './entering.ts'
import { anchorsOf, homeOf } from './options.ts'

export const command: Command = {
  name: 'patient add-device',
  summary: 'let this machine open the record: with the kit, or by another device',
  help: `
Makes this machine one that opens your record: with your secret code, a one-time password, and the recovery key of the
kit. Or, with --by-device, with a device that opens the record: this machine shows a code, which
coffre patient welcome-device takes there. You are told of it over the contact that you gave before; coffre patient devices shows it.

Examples:
  coffre patient add-device --home ~/dmp --anchors anchors.json --ins 1234567890123456789012
  coffre patient add-device --home ~/dmp --anchors anchors.json --ins 1234567890123456789012 --by-device --name Salon
`,
  options: {
    ...ENTERING_OPTIONS,
    'by-device': { type: 'boolean', description: 'be let in by a device that opens the record, instead of the kit' },
  },
  async run(args, io) {
    const { place, named, kit, secretCode, password } = await entering(args, io)
    const added = await addDevice({
      ...place,
      ...named,
      by: flag(args, 'by-device') ? { accountKey: await byDevice(args, io) } : { kit: await kit() },
      secretCode: await secretCode('Secret code:'),
      ...password,
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
