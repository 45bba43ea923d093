import { listDevices } from '../../client/patient/devices.ts'
import type { Command } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient devices',
  summary: 'show what opens the record, and who is signed in',
  help: `
Lists the devices and the kit that open your record, held against your own signed state, and the sessions that are open.
Names are yours, given by --name when a device was added. When each was added and used is what the host says;
coffre patient trace proves it.

A device that you do not know: coffre patient remove-device. A session that is not yours: coffre patient end-session.

Examples:
  coffre patient devices --home ~/dmp
`,
  options: { ...HOME_OPTION },
  async run(args, io) {
    return await signedIn(args, io, async session => {
      const found = await listDevices(session)
      for (const { slotId, kind, name, addedAt, usedAt, own } of found.devices) {
        const times = `added ${addedAt ?? 'at the opening'}${usedAt === null ? '' : `, used ${usedAt}`}`
        io.print(
          `${slotId}  ${kind.padEnd(6)}  ${name === null ? '' : `“${name}”, `}${times}${own ? '  (this device)' : ''}`,
        )
      }
      for (const { session: name, slotId, usedAt, current } of found.sessions) {
        io.print(`session ${name}  ${slotId ?? 'new device'}  used ${usedAt}${current ? '  (this session)' : ''}`)
      }
      return found
    })
  },
}
