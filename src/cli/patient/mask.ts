import { maskDocument } from '../../client/patient/placements.ts'
import type { Command } from '../command.ts'
import { documentOf, HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient mask',
  summary: 'hide a document from all professionals',
  help: `
Masks a document: its key is sealed again so that only you can open it, and to professionals (its author too) it is as
if it had never existed. Whoever read it before may have kept it; that cannot be undone.

Examples:
  coffre patient mask 9xK…w --home ~/dmp
`,
  positionals: [
    { name: 'DOCUMENT', description: 'the document’s id, as coffre patient list shows it', required: true },
  ],
  options: { ...HOME_OPTION },
  async run(args, io) {
    const id = documentOf(args)
    return await signedIn(args, io, async session => {
      const placed = await maskDocument(session, id)
      io.print(`Document ${id} is masked (it lay in ${placed.from}).`)
      return placed
    })
  },
}
