import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'One sign-in message would have many texts: what is kept, compared or logged of it would not be what was said.',
  file: 'src/crypto/opaque/message.ts',
  find: '  if (text.length !== Math.ceil((length * 4) / 3)) throw malformedMessage()\n',
  replace: '',
  test: 'test/crypto/opaque/server.test.ts',
  red: 'bytes after the end of a message or a record are refused, though the library ignores them',
} satisfies Mutant
