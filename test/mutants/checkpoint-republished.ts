import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'After a power cut the host serves an older checkpoint than one that somebody has seen.',
  file: 'src/vault/integrator.ts',
  find: `    if (last?.published === 1) await options.tiles.publish(last.signed)
`,
  replace: `    void last
`,
  test: 'test/faults/power-cut.test.ts',
  red: 'a checkpoint that was served is never followed by an older one',
} satisfies Mutant
