import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { InputError } from '../../client/errors.ts'
import { pathExists } from '../../client/home-files.ts'
import { type Command, requiredOption } from '../command.ts'
import { buildPortal } from './build.ts'
import { BUILD_OPTIONS, buildInput } from './options.ts'

/** `coffre portal build`. */
export const command: Command = {
  name: 'portal build',
  summary: 'write the patient’s pages as files, for any static server',
  help: `
Builds the patient's pages for a deployment and writes them to a new folder, to be served by any static server. The
anchors are compiled in. The same checkout, anchors and origin give the same bytes on any machine; the hash printed is
what the programme publishes, and what coffre portal verify compares.

headers.json lists the headers that every answer must carry, and the few files where one is another: without the policy
in them the pages are not protected.

Examples:
  coffre portal build --anchors anchors.json --origin https://dmp.example --out portal
`,
  options: {
    ...BUILD_OPTIONS,
    out: { type: 'string', value: 'DIR', required: true, description: 'folder to be made' },
  },
  async run(args, io) {
    const out = resolve(requiredOption(args, 'out'))
    if (await pathExists(out)) {
      throw new InputError(`${out} is there already: choose another --out`, { code: 'file-exists' })
    }
    const { files, headers, exceptions, hash } = await buildPortal(await buildInput(args))
    for (const { path, bytes } of files) {
      const file = join(out, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, bytes, { flag: 'wx' })
    }
    await writeFile(join(out, 'headers.json'), `${JSON.stringify({ headers, exceptions }, null, 2)}\n`, { flag: 'wx' })
    io.print(`${files.length} files in ${out}, and headers.json.`)
    io.print(`Hash of the build: ${hash}`)
    return { out, hash, files: files.map(({ path }) => path) }
  },
}
