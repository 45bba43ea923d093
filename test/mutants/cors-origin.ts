import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Any web page could drive the patient’s browser against the host and read what it answers.',
  file: 'src/api/cors.ts',
  find: 'if (origin === null || request.headers.origin !== origin) return next()',
  replace: "if (origin === null) return next()\n    origin = request.headers.origin ?? ''",
  test: 'test/api/cors.test.ts',
  red: 'pages of any other origin are told nothing',
} satisfies Mutant
