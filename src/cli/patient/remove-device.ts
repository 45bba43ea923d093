import { removeDevice } from '../../client/patient/devices.ts'
import { SlotId } from '../../protocol/ids.ts'
import { type Command, textOption, UsageError } from '../command.ts'
import { HOME_OPTION, homeOf, OTP_OPTION, passwordBy, readText, SECRET_CODE_OPTION, secretOf } from './options.ts'

export const command: Command = {
  name: 'patient remove-device',
  summary: 'take a lost device (or the kit) away',
  help: `
Takes away a device that was lost, or the kit, from a device that still opens the record. You sign in anew for it. The
record gets a new account key, and every compartment a new key: whoever has the lost device reads nothing that comes
after. All other sessions end.

Give the kit (--kit-file) so that it goes on opening the record; without it, it opens nothing any more. Other devices
have to be added again: their keys are theirs alone.

Examples:
  coffre patient devices --home ~/dmp
  coffre patient remove-device DEVICE --kit-file kit.txt --home ~/dmp
`,
  positionals: [{ name: 'DEVICE', description: 'its id in the list', required: true }],
  options: {
    ...HOME_OPTION,
    'kit-file': {
      type: 'string',
      value: 'FILE',
      description: 'file with the recovery key, so that the kit stays good',
    },
    ...SECRET_CODE_OPTION,
    ...OTP_OPTION,
  },
  async run(args, io) {
    const device = SlotId.safeParse(args.positionals[0])
    if (!device.success) throw new UsageError('That is not a device (22 characters); coffre patient devices shows them')
    const kitFile = textOption(args, 'kit-file')
    const done = await removeDevice({
      home: homeOf(args),
      device: device.data,
      clock: io.clock,
      ...(kitFile === undefined ? {} : { kit: (await readText(kitFile)).trim() }),
      secretCode: await secretOf(args, io, { name: 'secret-code', question: 'Secret code:' }),
      ...passwordBy(args, io),
    })
    await done.session.close()
    io.print(`Taken away: ${done.removed.join(', ')}. Every compartment has a new key.`)
    io.print(done.kit ? 'The kit opens the record as before.' : 'The kit opens nothing any more: make a new one.')
    for (const warning of done.warnings) io.print(`Warning: ${warning}`)
    const { removed, kit, warnings } = done
    return { removed, kit, warnings }
  },
}
