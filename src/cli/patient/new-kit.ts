/** Making a recovery kit on the way: where it is written, and how part of it is asked back. */
import { resolve } from 'node:path'
import { InputError } from '../../client/errors.ts'
import { pathExists, writePrivate } from '../../client/home-files.ts'
import { recoveryKitPdf } from '../../client/kit-pdf.ts'
import type { OpenInput } from '../../client/patient/open.ts'
import { type Arguments, flag, type Io, type OptionSpec, requiredOption, textOption, UsageError } from '../command.ts'
import { readText } from './options.ts'

export const KIT_OPTIONS = {
  kit: { type: 'string', value: 'FILE', required: true, description: 'where the recovery kit (PDF) is written' },
  force: { type: 'boolean', description: 'overwrite that file' },
  'kit-check-file': {
    type: 'string',
    value: 'FILE',
    description: 'file with the recovery key as printed; two groups are asked for otherwise',
  },
} as const satisfies Record<string, OptionSpec>

/** Throws `InputError` `file-exists`, unless overwriting was asked for. */
export async function checkKitFile(args: Arguments): Promise<string> {
  const kit = resolve(requiredOption(args, 'kit'))
  if (flag(args, 'force') || !(await pathExists(kit))) return kit
  throw new InputError(`${kit} is there already: choose another --kit, or --force`, { code: 'file-exists' })
}

/** What `openRecord`, `reopenRecord` and `handOver` ask of a program. Throws `UsageError` `answer-missing`. */
export function kitKeeping(args: Arguments, io: Io, kit: string): Pick<OpenInput, 'keepKit' | 'askKit'> {
  let tries = 0
  return {
    async keepKit(page) {
      await writePrivate(kit, await recoveryKitPdf(page))
      io.print(`Your recovery kit is ${kit}: print it now, keep the print in a safe place, delete the file.`)
    },
    async askKit(groups) {
      const file = textOption(args, 'kit-check-file')
      if (file !== undefined) {
        const printed = (await readText(file)).trim().split(/[\s-]+/)
        return groups.map(number => printed[number - 1] ?? '')
      }
      const { ask } = io
      if (ask === undefined) {
        throw new UsageError('Nobody can be asked here: give --kit-check-file', { code: 'answer-missing' })
      }
      if (tries++ > 0) io.print('That is not what the kit says. Look at the print again.')
      const answers: string[] = []
      for (const number of groups) answers.push(await ask(`Group ${number} of the recovery key on the print:`))
      return answers
    },
  }
}
