// Where the delegate says what it does. The composition root decides how that looks.
export type DelegateLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  details?: Readonly<Record<string, unknown>>,
) => void
