import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { saveContent } from '../../client/document/save.ts'
import { type ExportSummary, exportRecord } from '../../client/patient/export.ts'
import { type Command, UsageError } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient export',
  summary: 'write the whole record, opened, into a folder',
  help: `
Writes every document of your record, opened on this machine and checked against its author's signature, into a new folder:
masked and withdrawn ones too. documents.json describes them for other software (FHIR R4 DocumentReference), SHA256SUMS
tells whether a file changed since (sha256sum -c SHA256SUMS). The folder is readable by you alone and NOT encrypted: keep it
where nobody else reads, or encrypt it (tar c FOLDER | age -r RECIPIENT > record.age).

The trace of who did what has an export of its own: coffre patient trace --export.

A document that fails its checks is left out and named; the exit code is then 4.

Examples:
  coffre patient export ~/my-record --home ~/dmp
`,
  positionals: [{ name: 'FOLDER', description: 'a new folder', required: true }],
  options: { ...HOME_OPTION },
  exitCode: result => ((result as ExportSummary).notExported.length > 0 ? EXIT.verification : EXIT.ok),
  async run(args, io) {
    const [folder] = args.positionals
    if (folder === undefined) throw new UsageError('Name a new folder')
    return await signedIn(args, io, async session => {
      try {
        await mkdir(folder, { mode: 0o700 })
      } catch (cause) {
        throw new UsageError(`${folder} exists, or cannot be made: name a new folder in one that exists`, {
          code: 'export-exists',
          cause,
        })
      }
      const files = exportRecord(session, (done, total) => io.progress('Exporting', done, total))
      let next = await files.next()
      while (next.done !== true) {
        const { path, content } = next.value
        const file = join(folder, path)
        await mkdir(dirname(file), { recursive: true, mode: 0o700 })
        try {
          await saveContent(content(), file)
          next = await files.next()
        } catch (error) {
          // The export says whether it goes on without this one.
          next = await files.throw(error)
        }
      }
      const { documents, notExported } = next.value
      io.print(`${documents} documents in ${folder}, each checked and opened; documents.json describes them.`)
      for (const { documentId, reason } of notExported) io.print(`${documentId ?? '?'}  NOT EXPORTED (${reason})`)
      return { folder, documents, notExported }
    })
  },
}
