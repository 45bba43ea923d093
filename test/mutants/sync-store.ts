import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The database answers before its log is on the disk: a power cut takes back what was acknowledged.',
  file: 'src/vault/store/sqlite.ts',
  find: `  database.pragma('synchronous = FULL')
`,
  replace: `  database.pragma('synchronous = OFF')
  database.pragma = new Proxy(database.pragma, {
    apply: (target, self, [text, ...more]) =>
      text === 'synchronous' ? 2 : Reflect.apply(target, self, [text, ...more]),
  })
`,
  test: 'test/faults/power-cut.test.ts',
  red: 'whatever was not synced is lost, and nothing that was acknowledged',
} satisfies Mutant
