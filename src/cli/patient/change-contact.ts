import { changeContact } from '../../client/patient/contact.ts'
import type { Command } from '../command.ts'
import { CONTACT_OPTIONS, contactOf, HOME_OPTION, OTP_OPTION, passwordBy, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient change-contact',
  summary: 'have one-time passwords sent elsewhere',
  help: `
Changes where one-time passwords and notices go: a mail address, or a telephone. The new one is proved by a one-time password that is sent
there. The address before is told, and can take its place back: for 24 hours both get the one-time passwords, and nothing
that decides who gets in (devices, contact) is done in that time.

Wants a sign-in of the last ten minutes.

Examples:
  coffre patient change-contact --mail jeanne@example.net --home ~/dmp
  coffre patient change-contact --telephone +33612345678 --home ~/dmp
`,
  options: {
    ...HOME_OPTION,
    ...CONTACT_OPTIONS,
    ...OTP_OPTION,
  },
  async run(args, io) {
    const contact = contactOf(args)
    return await signedIn(args, io, async session => {
      await changeContact(session, {
        contact,
        ...passwordBy(args, io),
      })
      io.print('One-time passwords go to the new address from now on; the one before was told.')
      io.print('Until tomorrow at this hour, devices and contact stay as they are.')
      return {}
    })
  },
}
