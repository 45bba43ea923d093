import { listDocuments } from '../../client/professional/read.ts'
import { holderName } from '../../log/key-statement.ts'
import type { Command } from '../command.ts'
import { amount } from '../progress.ts'
import { accessOf, connected, PATIENT_OPTIONS, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro list',
  summary: 'list the documents within reach',
  help: `
Lists the documents in the compartments that the patient's grant lets you read, newest deposit first. Each is checked
on this machine: author's card, signatures, that nothing was swapped. What fails is shown as refused, told to the host,
and its evidence kept. The list itself is logged: the patient sees that you looked.

Examples:
  coffre pro list --home ws/leroy --ins 1234567890123456789012
  coffre pro list --home ws/leroy --record Xq3…A --json
`,
  options: { ...WORKSTATION_OPTIONS, ...PATIENT_OPTIONS },
  async run(args, io) {
    return await connected(args, io, async connection => {
      const access = await accessOf(args, io, connection)
      const names = new Map(access.compartments.map(({ id, name }) => [id, name]))
      const { documents, refused } = await listDocuments(connection, access)
      const lines = documents.map(({ documentId, deposit, author, compartment, manifest }) => ({
        documentId,
        compartment: names.get(compartment) ?? compartment,
        title: manifest.title,
        type: manifest.type,
        date: manifest.date,
        mimeType: manifest.mimeType,
        size: manifest.size,
        author: holderName(author.holder),
        claimedAuthor: manifest.author,
        depositedAt: deposit.payload.t,
        ...(deposit.payload.replaces === undefined ? {} : { replaces: deposit.payload.replaces }),
      }))
      lines.sort((a, b) => (a.depositedAt < b.depositedAt ? 1 : -1))
      for (const line of lines) {
        io.print(`${line.documentId}  ${line.date.padEnd(10)}  ${line.compartment.padEnd(12)}  ${line.title}`)
        io.print(`${' '.repeat(24)}${line.mimeType}, ${amount(line.size)}, deposited by ${line.author}`)
      }
      for (const each of refused) {
        io.print(`${each.documentId ?? '?'}  REFUSED (${each.reason}): ${each.message}. Evidence: ${each.evidence}`)
      }
      if (lines.length + refused.length === 0) io.print('No document within reach.')
      return { recordId: access.recordId, documents: lines, refused }
    })
  },
}
