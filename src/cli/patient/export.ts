import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type AgeSealer, sealToPassphrase, sealToRecipients } from '../../client/age.ts'
import { saveContent } from '../../client/document/save.ts'
import { type ExportSummary, exportRecord } from '../../client/patient/export.ts'
import { type Arguments, type Command, type Io, listOption, UsageError } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { HOME_OPTION, secretOf, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient export',
  summary: 'write the whole record, opened, into a folder',
  help: `
Writes every document of your record, opened on this machine and checked against its author's signature, into a new folder:
masked and withdrawn ones too. documents.json describes them for other software (FHIR R4 DocumentReference), SHA256SUMS
tells whether a file changed since (sha256sum -c SHA256SUMS).

The folder is readable by you alone and, without --encrypt, NOT encrypted. With --encrypt each file is encrypted in the age
format (age-encryption.org) before it is written:
  --encrypt passphrase   to a key made for this export, which your passphrase (12 characters or more, asked for) opens:
                         age -d -i identity.age documents.json.age    (age 1.3 or later)
  --encrypt age1…        to a recipient of yours; several times for several: age -d -i key.txt documents.json.age

The trace of who did what has an export of its own: coffre patient trace --export.

A document that fails its checks is left out and named; the exit code is then 4.

Examples:
  coffre patient export ~/my-record --home ~/dmp
  coffre patient export ~/my-record --home ~/dmp --encrypt passphrase
  coffre patient export /mnt/usb/my-record --home ~/dmp --encrypt age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
`,
  positionals: [{ name: 'FOLDER', description: 'a new folder', required: true }],
  options: {
    ...HOME_OPTION,
    encrypt: {
      type: 'string',
      multiple: true,
      value: 'WHOM',
      description: 'a recipient of age, or the word passphrase',
    },
    'passphrase-file': { type: 'string', value: 'FILE', description: 'file with the passphrase; asked for otherwise' },
  },
  exitCode: result => ((result as ExportSummary).notExported.length > 0 ? EXIT.verification : EXIT.ok),
  async run(args, io) {
    const [folder] = args.positionals
    if (folder === undefined) throw new UsageError('Name a new folder')
    const sealing = await sealingOf(args, io)
    return await signedIn(args, io, async session => {
      try {
        await mkdir(folder, { mode: 0o700 })
      } catch (cause) {
        throw new UsageError(`${folder} exists, or cannot be made: name a new folder in one that exists`, {
          code: 'export-exists',
          cause,
        })
      }
      if (sealing?.identity !== undefined) await saveContent(one(sealing.identity), join(folder, 'identity.age'))
      const files = exportRecord(session, (done, total) => io.progress('Exporting', done, total))
      let next = await files.next()
      while (next.done !== true) {
        const { path, content } = next.value
        const file = join(folder, path)
        await mkdir(dirname(file), { recursive: true, mode: 0o700 })
        try {
          if (sealing === null) await saveContent(content(), file)
          else await saveContent(sealing.seal(content()), `${file}.age`)
          next = await files.next()
        } catch (error) {
          // The export says whether it goes on without this one.
          next = await files.throw(error)
        }
      }
      const { documents, notExported } = next.value
      const how = sealing === null ? 'opened' : 'encrypted with age'
      io.print(`${documents} documents in ${folder}, each checked and ${how}; documents.json describes them.`)
      for (const { documentId, reason } of notExported) io.print(`${documentId ?? '?'}  NOT EXPORTED (${reason})`)
      return { folder, encrypted: sealing !== null, documents, notExported }
    })
  },
}

/** How files are encrypted; null when they are not. Throws `UsageError`, as `sealToRecipients`, `sealToPassphrase`. */
async function sealingOf(args: Arguments, io: Io): Promise<{ seal: AgeSealer; identity?: Uint8Array } | null> {
  const whom = listOption(args, 'encrypt')
  if (whom.length === 0) return null
  if (!whom.includes('passphrase')) return { seal: sealToRecipients(whom) }
  if (whom.length > 1) throw new UsageError('--encrypt passphrase stands alone: a passphrase, or recipients')
  return await sealToPassphrase(
    await secretOf(args, io, { name: 'passphrase', question: 'Passphrase for the export:' }),
  )
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
