import { listDocuments } from '../../client/patient/documents.ts'
import { holderName } from '../../log/key-statement.ts'
import type { Command } from '../command.ts'
import { amount } from '../progress.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient list',
  summary: 'list the documents of the record',
  help: `
Lists every document of your record, masked ones included. Each is checked on this machine, and the list is held
against your trace: a document that was deposited and is missing is found out.

Examples:
  coffre patient list --home ~/dmp
`,
  options: { ...HOME_OPTION },
  exitCode: result => ((result as { refused: unknown[] }).refused.length > 0 ? 4 : 0),
  async run(args, io) {
    return await signedIn(args, io, async session => {
      const listed = await listDocuments(session)
      const documents = listed.flatMap(each => {
        if (each.document === null) return []
        const { documentId, deposit, author, manifest } = each.document
        return [
          {
            documentId,
            kind: each.kind,
            masked: each.masked,
            depositedInto: deposit.payload.compartment,
            title: manifest.title,
            type: manifest.type,
            date: manifest.date,
            mimeType: manifest.mimeType,
            size: manifest.size,
            author: holderName(author.holder),
            claimedAuthor: manifest.author,
            depositedAt: deposit.payload.t,
            ...(deposit.payload.replaces === undefined ? {} : { replaces: deposit.payload.replaces }),
          },
        ]
      })
      documents.sort((a, b) => (a.depositedAt < b.depositedAt ? 1 : -1))
      const refused = listed.flatMap(({ refused: error }) =>
        error === null ? [] : [{ documentId: error.documentId, code: error.code, message: error.message }],
      )
      for (const { documentId, date, kind, title, mimeType, size, author } of documents) {
        io.print(`${documentId}  ${date.padEnd(10)}  ${kind.padEnd(12)}  ${title}`)
        io.print(`${' '.repeat(24)}${mimeType}, ${amount(size)}, deposited by ${author}`)
      }
      for (const { documentId, code, message } of refused) {
        io.print(`${documentId ?? '?'}  REFUSED (${code}): ${message}`)
      }
      if (listed.length === 0) io.print('No document yet.')
      return { recordId: session.patient.recordId, documents, refused }
    })
  },
}
