import { readIdentities } from '../../client/professional/identities.ts'
import type { Command } from '../command.ts'
import { connected, PATIENT_OPTIONS, recordOf, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro identity',
  summary: 'show every identity that a patient’s record ever had',
  help: `
Shows the fingerprint of each identity that a record within reach ever had, each checked: from a letter of the insurer for
this INS, following the one before, its entry in the public log, the last one the identity that this workstation knows.
Compare the last one with the patient's screen or recovery kit.

Examples:
  coffre pro identity --home ws/leroy --ins 1234567890123456789012
`,
  options: { ...WORKSTATION_OPTIONS, ...PATIENT_OPTIONS },
  async run(args, io) {
    return await connected(args, io, async connection => {
      const recordId = await recordOf(args, connection)
      const history = await readIdentities(connection, recordId)
      const identities = history.map(({ identity, fingerprint, isLogged }, n) => {
        io.print(`${n}  ${fingerprint}  ${isLogged ? 'in the log' : 'not in the log yet'}`)
        return { identity: identity.hash, fingerprint, isLogged }
      })
      return { recordId, identities }
    })
  },
}
