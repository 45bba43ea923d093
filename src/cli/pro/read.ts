import { startCrew } from '../../client/document/crew-node.ts'
import { extensionOf } from '../../client/document/format.ts'
import { saveContent } from '../../client/document/save.ts'
import { openRead } from '../../client/professional/read.ts'
import { holderName } from '../../log/key-statement.ts'
import { DocumentId } from '../../protocol/ids.ts'
import { type Command, flag, textOption, UsageError } from '../command.ts'
import { amount } from '../progress.ts'
import { accessOf, connected, PATIENT_OPTIONS, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro read',
  summary: 'open one document',
  help: `
Fetches one document, checks it block by block against its author's signature, deciphers it on this machine and writes
it to a file. The read is in the log before the first byte leaves the host: the patient sees it.

A document that is out of your reach, masked by the patient or was never there gives one and the same answer.

Examples:
  coffre pro read 9xK…w --home ws/leroy --ins 1234567890123456789012 --out report.pdf
`,
  positionals: [{ name: 'DOCUMENT', description: 'the document’s id, as coffre pro list shows it', required: true }],
  options: {
    ...WORKSTATION_OPTIONS,
    ...PATIENT_OPTIONS,
    out: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      description: 'where to write it; its id and extension unless given',
    },
    force: { type: 'boolean', description: 'overwrite that file' },
  },
  async run(args, io) {
    const id = DocumentId.safeParse(args.positionals[0])
    if (!id.success) throw new UsageError('That is not a document’s id (22 characters); coffre pro list shows them')
    return await connected(args, io, async connection => {
      const access = await accessOf(args, io, connection)
      using read = await openRead(connection, access, id.data)
      const { manifest, author, deposit } = read.document
      const out = textOption(args, 'out') ?? `${id.data}${extensionOf(manifest.mimeType)}`
      const total = deposit.payload.bodyLength
      using crew = startCrew(manifest.size)
      const content = read.content(done => io.progress('Reading', done, total), {
        areLent: true,
        ...(crew && { work: crew }),
      })
      const size = await saveContent(content, out, { overwrite: flag(args, 'force') })
      io.print(`"${manifest.title}" by ${holderName(author.holder)}: ${amount(size)} in ${out}, every block checked.`)
      return { documentId: id.data, file: out, size, title: manifest.title, mimeType: manifest.mimeType }
    })
  },
}
