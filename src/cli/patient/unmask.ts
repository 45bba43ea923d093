import { unmaskDocument } from '../../client/patient/placements.ts'
import { type Command, textOption } from '../command.ts'
import { documentOf, HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient unmask',
  summary: 'show a masked document again',
  help: `
Shows a masked document again, in the compartment it was deposited into or the one that you name.

Examples:
  coffre patient unmask 9xK…w --home ~/dmp
  coffre patient unmask 9xK…w --home ~/dmp --to reports
`,
  positionals: [
    { name: 'DOCUMENT', description: 'the document’s id, as coffre patient list shows it', required: true },
  ],
  options: {
    ...HOME_OPTION,
    to: { type: 'string', value: 'KIND', description: 'compartment; the one it was deposited into unless given' },
  },
  async run(args, io) {
    const id = documentOf(args)
    const to = textOption(args, 'to')
    return await signedIn(args, io, async session => {
      const placed = await unmaskDocument(session, id, to)
      io.print(`Document ${id} is in ${placed.to} again.`)
      return placed
    })
  },
}
