import { welcomeDevice } from '../../client/patient/pairing.ts'
import { type Command, UsageError } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient welcome-device',
  summary: 'let in a new device whose code was scanned',
  help: `
Lets in the device that shows this code (coffre patient add-device --by-device, there): the key of the record is sealed to
that device and to no other. Do it only when you see the device before you. It then asks for your secret code and a
one-time password, as at every new device.

Wants a sign-in of the last ten minutes.

Examples:
  coffre patient welcome-device coffre-device:1:… --home ~/dmp
`,
  positionals: [{ name: 'CODE', description: 'what the new device shows', required: true }],
  options: { ...HOME_OPTION },
  async run(args, io) {
    const [text] = args.positionals
    if (text === undefined) throw new UsageError('Give the code that the new device shows')
    return await signedIn(args, io, async session => {
      await welcomeDevice(session, text)
      io.print('That device was let in; it asks for your secret code and a one-time password now.')
      return {}
    })
  },
}
