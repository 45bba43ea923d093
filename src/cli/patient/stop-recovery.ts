import { stopRecovery } from '../../client/patient/recoveries.ts'
import { Hash } from '../../protocol/ids.ts'
import { type Command, UsageError } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient stop-recovery',
  summary: 'stop a new identity that you did not ask for',
  help: `
Stops an identity that was proposed to take the place of yours: nothing brings it in any more. Call your health insurer
then: somebody has a letter of yours.

Examples:
  coffre patient recoveries --home ~/dmp
  coffre patient stop-recovery IDENTITY --home ~/dmp
`,
  positionals: [{ name: 'IDENTITY', description: 'as coffre patient recoveries shows it', required: true }],
  options: { ...HOME_OPTION },
  async run(args, io) {
    const identity = Hash.safeParse(args.positionals[0])
    if (!identity.success) {
      throw new UsageError('That is not an identity (43 characters); coffre patient recoveries shows them')
    }
    return await signedIn(args, io, async session => {
      const { fingerprint } = await stopRecovery(session, identity.data)
      io.print(`Stopped: ${fingerprint} takes the place of your identity no more. Call your health insurer.`)
      return { identity: identity.data, fingerprint }
    })
  },
}
