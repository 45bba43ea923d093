/** What went wrong, and what to do next. */
export type Told = readonly [title: string, text: string]
