import { compareInPerson } from '../../client/professional/identities.ts'
import { type Command, UsageError } from '../command.ts'
import { connected, PATIENT_OPTIONS, recordOf, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro compare',
  summary: 'compare a patient’s fingerprint in person',
  help: `
Compares the fingerprint that the patient shows you, on the screen or on the recovery kit, with the identity that this
workstation knows. When they are the same, it warns no more that the identity is new. Never take it by telephone or mail.

Examples:
  coffre pro compare "4HE4 305H M40M CZGV BZ53 97VC" --home ws/leroy --ins 1234567890123456789012
`,
  positionals: [{ name: 'FINGERPRINT', description: 'six groups of four, as the patient shows them', required: true }],
  options: { ...WORKSTATION_OPTIONS, ...PATIENT_OPTIONS },
  async run(args, io) {
    const [shown] = args.positionals
    if (shown === undefined) throw new UsageError('The fingerprint is missing')
    return await connected(args, io, async connection => {
      const recordId = await recordOf(args, connection)
      const { fingerprint } = await compareInPerson(connection, recordId, shown)
      io.print(`${fingerprint} is the identity known here: compared in person.`)
      return { recordId, fingerprint }
    })
  },
}
