import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A professional could re-seal what the patient never let that professional read.',
  file: 'src/log/recovery.ts',
  find: 'demand(reads.has(id),',
  replace: 'demand(current.has(id),',
  test: 'test/log/recovery.test.ts',
  red: 'what a professional may re-seal',
} satisfies Mutant
