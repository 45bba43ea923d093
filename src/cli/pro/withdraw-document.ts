import { withdrawDocument } from '../../client/professional/withdraw.ts'
import { DocumentId } from '../../protocol/ids.ts'
import { type Command, UsageError } from '../command.ts'
import { connected, PATIENT_OPTIONS, recordOf, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro withdraw-document',
  summary: 'withdraw a document that you deposited',
  help: `
Takes a document of yours out of the sight of all professionals, yourself included, for good. The patient keeps it, marked
as withdrawn; the withdrawal is in the log under your name. To correct one instead: coffre pro deposit --replaces.

Examples:
  coffre pro withdraw-document 9xK…w --home ws/leroy --ins 1234567890123456789012
`,
  positionals: [{ name: 'DOCUMENT', description: 'the document’s id, as coffre pro list shows it', required: true }],
  options: { ...WORKSTATION_OPTIONS, ...PATIENT_OPTIONS },
  async run(args, io) {
    const id = DocumentId.safeParse(args.positionals[0])
    if (!id.success) throw new UsageError('That is not a document’s id (22 characters); coffre pro list shows them')
    return await connected(args, io, async connection => {
      const recordId = await recordOf(args, connection)
      await withdrawDocument(connection, recordId, id.data)
      io.print(`The document ${id.data} is withdrawn: no professional sees it any more; the patient does.`)
      return { documentId: id.data, recordId }
    })
  },
}
