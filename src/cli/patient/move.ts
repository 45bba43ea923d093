import { moveDocument } from '../../client/patient/placements.ts'
import { type Command, requiredOption } from '../command.ts'
import { documentOf, HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient move',
  summary: 'move a document to another compartment',
  help: `
Moves a document: its key is sealed to the compartment it goes to, and the seal before is destroyed at the host. Who may
read is decided by where it lies from then on; who read it before may have kept it.

Examples:
  coffre patient move n2Yk3P8QVqeink8jE_aYSg --to psychiatrie --home ~/dmp
`,
  positionals: [{ name: 'DOCUMENT', description: 'its id', required: true }],
  options: {
    ...HOME_OPTION,
    to: { type: 'string', value: 'KIND', required: true, description: 'the compartment it goes to' },
  },
  async run(args, io) {
    const document = documentOf(args)
    const to = requiredOption(args, 'to')
    return await signedIn(args, io, async session => {
      const moved = await moveDocument(session, document, to)
      io.print(`The document lies in ${moved.to} now; before, in ${moved.from}.`)
      return moved
    })
  },
}
