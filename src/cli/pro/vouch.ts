import { vouchFor } from '../../client/professional/vouch.ts'
import type { Command } from '../command.ts'
import { connected, PATIENT_OPTIONS, recordOf, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro vouch',
  summary: 'vouch for a patient’s new identity, in person',
  help: `
For a patient who lost recovery kit and devices and stands before you. The patient shows you the fingerprint of the new
identity, on the own screen or on the new kit; give it here. Your card signs that this is the person you know, and what
your own access opens is sealed to the new identity. It counts after 72 hours, in which the patient is told by every way
known before and any old device may stop it. Never vouch by telephone, and never for a fingerprint that somebody else shows.

Examples:
  coffre pro vouch "Z3KQ 90TM 4E7R 1WXC 55PH AJ2B" --home ws/leroy --ins 1234567890123456789012
`,
  positionals: [{ name: 'FINGERPRINT', description: 'six groups of four, as the patient shows them', required: true }],
  options: { ...WORKSTATION_OPTIONS, ...PATIENT_OPTIONS },
  async run(args, io) {
    return await connected(args, io, async connection => {
      const recordId = await recordOf(args, connection)
      const vouched = await vouchFor(connection, recordId, args.positionals[0] ?? '')
      io.print(`You vouched for ${vouched.fingerprint}; it counts in 72 hours unless it is stopped.`)
      io.print(`Given back: ${vouched.returned.join(', ')}.`)
      return { recordId, ...vouched }
    })
  },
}
