import { readFile } from 'node:fs/promises'
import { StepError } from '../../client/errors.ts'
import { type Arguments, type OptionSpec, requiredOption } from '../command.ts'
import type { PortalInput } from './build.ts'

/** What every command about a build needs. */
export const BUILD_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  anchors: { type: 'string', value: 'FILE', required: true, description: 'the deployment’s anchors, compiled in' },
  origin: {
    type: 'string',
    value: 'URL',
    required: true,
    description: 'where the pages are: https://dmp.example, nothing after it',
  },
}

/** The build that the options name. Throws `StepError` `file-missing`. */
export async function buildInput(args: Arguments): Promise<PortalInput> {
  return { anchors: await readTextFile(requiredOption(args, 'anchors')), origin: requiredOption(args, 'origin') }
}

/** Text of a file that an option names. Throws `StepError` `file-missing`. */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new StepError(`${path} cannot be read`, { code: 'file-missing', cause })
  }
}
