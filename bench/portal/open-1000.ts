import type { Figure } from '../harness/figure.ts'
import { bareList } from '../samples/bare-list.ts'
import { DOCUMENTS, inBrowser, inNode, serveDocuments } from '../samples/patient-list.ts'

export default {
  what: `From a session to the decrypted list of a record of ${DOCUMENTS} documents, each statement, card and manifest checked, through a whole host over TLS on the same machine. In Node by the SDK; in Chromium on the pages, the first time in a sign-in and when the list is looked at again, and the longest task of the page's own thread meanwhile. Beside them the cryptography of as many documents alone, by the same engine: no list is faster on one thread.`,
  unit: 'ms',
  async *contests() {
    const served = await serveDocuments()
    const node = await inNode(served)
    yield {
      variant: 'Node',
      sides: { coffre: node.list, 'bare cryptography': bareList(DOCUMENTS) },
      comparisons: [
        { of: 'coffre', target: { most: 500 } },
        { of: 'coffre', against: 'bare cryptography' },
      ],
      rounds: 5,
    }
    await node.end()
    const browser = await inBrowser(served)
    yield {
      variant: 'Chromium',
      sides: {
        first: browser.first,
        again: browser.again,
        'longest task': browser.longestTask,
        'bare cryptography, one worker': browser.bare,
      },
      comparisons: [
        { of: 'first', target: { most: 1500 } },
        { of: 'first', against: 'bare cryptography, one worker' },
        { of: 'again', target: { most: 200 } },
        { of: 'longest task', target: { most: 50 } },
      ],
      rounds: 2, // each is a sign-in, and an account is sent five one-time passwords in a quarter of an hour
    }
    await browser.end()
    await served.stop()
  },
} satisfies Figure
