import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A log whose one key was broken would be believed.',
  file: 'src/log/checkpoint.ts',
  find: `    if (!good.has(type)) throw badSignature(\`of type \${type} is missing, or\`, signed)
`,
  replace: `    if (good.size === 0) throw badSignature(\`of type \${type} is missing, or\`, signed)
`,
  test: 'test/log/checkpoint.test.ts',
  red: 'a log signs with both its keys, and both are wanted',
} satisfies Mutant
