import { closeRecord } from '../../client/patient/closing.ts'
import { type Command, flag, UsageError } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient close',
  summary: 'close the record: nobody has access but you',
  help: `
Closes your record. Every access that you gave is taken back, nobody can ask for one or deposit any more, and who read before
reads no more. You still sign in, read and export. The record is kept for the time that the law asks (ten years) and then
destroyed, keys first: nobody can bring it back. Until then coffre patient undo-close opens it again, without the accesses.

You are asked before anything is done (--yes answers for you). Wants a sign-in of the last ten minutes. It may be wise to
export first: coffre patient export.

Examples:
  coffre patient close --home ~/dmp
`,
  options: { ...HOME_OPTION, yes: { type: 'boolean', description: 'do not ask' } },
  async run(args, io) {
    if (!flag(args, 'yes')) {
      if (io.ask === undefined) throw new UsageError('Nobody can be asked here: give --yes', { code: 'answer-missing' })
      const answer = await io.ask('Every access is taken back. Type "close" to go on:')
      if (answer.trim() !== 'close') throw new UsageError('Nothing was changed', { code: 'answer-no' })
    }
    return await signedIn(args, io, async session => {
      const { revoked, destroyedAt } = await closeRecord(session)
      const day = destroyedAt.toISOString().slice(0, 10)
      io.print(`The record is closed; ${revoked} accesses were taken back. It will be destroyed on ${day}.`)
      io.print('Until then coffre patient undo-close opens it again.')
      return { revoked, destroyedAt: destroyedAt.toISOString() }
    })
  },
}
