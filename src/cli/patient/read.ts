import { startCrew } from '../../client/document/crew-node.ts'
import { extensionOf } from '../../client/document/format.ts'
import { saveContent } from '../../client/document/save.ts'
import { readDocument } from '../../client/patient/documents.ts'
import { holderName } from '../../log/key-statement.ts'
import { type Command, flag, textOption } from '../command.ts'
import { amount } from '../progress.ts'
import { documentOf, HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient read',
  summary: 'open one document',
  help: `
Fetches one document, checks it block by block against its author's signature, deciphers it on this machine and writes
it to a file.

Examples:
  coffre patient read 9xK…w --home ~/dmp --out report.pdf
`,
  positionals: [
    { name: 'DOCUMENT', description: 'the document’s id, as coffre patient list shows it', required: true },
  ],
  options: {
    ...HOME_OPTION,
    out: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      description: 'where to write it; its id and extension unless given',
    },
    force: { type: 'boolean', description: 'overwrite that file' },
  },
  async run(args, io) {
    const id = documentOf(args)
    return await signedIn(args, io, async session => {
      using read = await readDocument(session, id)
      const { manifest, author } = read.document
      const out = textOption(args, 'out') ?? `${id}${extensionOf(manifest.mimeType)}`
      using crew = startCrew(manifest.size)
      const content = read.content((done, total) => io.progress('Reading', done, total), {
        areLent: true,
        ...(crew && { work: crew }),
      })
      const size = await saveContent(content, out, { overwrite: flag(args, 'force') })
      io.print(`"${manifest.title}" by ${holderName(author.holder)}: ${amount(size)} in ${out}, every block checked.`)
      const { title, mimeType } = manifest
      return { documentId: id, kind: read.kind, file: out, size, title, mimeType, author: holderName(author.holder) }
    })
  },
}
