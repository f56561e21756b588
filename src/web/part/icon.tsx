// The drawn signs of the application: 16 × 16, one stroke, coloured by the text around them. Never the only bearer of meaning.

const paths = {
  approvals: 'M5.5 8.3 7.3 10.1 10.7 6.3M8 1.5l5.2 2v4.2c0 3.2-2.1 5.5-5.2 6.8-3.1-1.3-5.2-3.6-5.2-6.8V3.5z',
  arrow: 'M3 8h10M9 4l4 4-4 4',
  check: 'M3.2 8.4 6.5 11.6 12.8 4.7',
  chevron: 'M4 6l4 4 4-4',
  clock: 'M8 4.6V8l2.3 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z',
  close: 'M4 4l8 8M12 4l-8 8',
  connectors: 'M6 2v3.5M10 2v3.5M4 5.5h8v2.7a4 4 0 0 1-8 0zM8 12.2V14.5',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.3V2.5h-8v8h2.8',
  cross: 'M4.3 4.3l7.4 7.4M11.7 4.3l-7.4 7.4',
  dash: 'M4.5 8h7',
  delegates: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01M8 5h3M8 11h3',
  down: 'M8 3v9M4 8.5 8 12.5l4-4',
  download: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.8 13.3h10.4',
  executions: 'M2.5 3.5h.01M2.5 8h.01M2.5 12.5h.01M5.5 3.5h8M5.5 8h8M5.5 12.5h5',
  external: 'M9.5 2.5h4v4M13.3 2.7 7.5 8.5M11.5 9.5v4h-9v-9h4',
  file: 'M4 1.8h5.2L12.5 5v9.2H4zM9 2v3.3h3.3',
  hand: 'M8 4.5v4M8 11.3h.01M8 1.8 14.5 13.5h-13z',
  moon: 'M13.3 9.7A5.7 5.7 0 0 1 6.3 2.7a5.7 5.7 0 1 0 7 7z',
  overview: 'M2.5 2.5h4.5v6H2.5zM9 2.5h4.5v3.5H9zM9 8.5h4.5v5H9zM2.5 11h4.5v2.5H2.5z',
  person: 'M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8zM2.8 13.7c.6-2.5 2.6-3.9 5.2-3.9s4.6 1.4 5.2 3.9',
  pipelines:
    'M3.5 5.5a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM12.5 13.9a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM3.5 5.5v4.2a2.5 2.5 0 0 0 2.5 2.5h4.7M5.2 3.8h4.8a2.5 2.5 0 0 1 2.5 2.5v4.2',
  play: 'M4.8 2.8 12.8 8l-8 5.2z',
  plus: 'M8 3v10M3 8h10',
  question: 'M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M8 11.5h.01M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z',
  ring: 'M12 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0z',
  schemas:
    'M13 3.8c0 1.1-2.2 2-5 2s-5-.9-5-2 2.2-2 5-2 5 .9 5 2zM3 3.8v8.4c0 1.1 2.2 2 5 2s5-.9 5-2V3.8M3 8c0 1.1 2.2 2 5 2s5-.9 5-2',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2',
  skip: 'M3.5 3.5 8 8l-4.5 4.5M8.5 3.5 13 8l-4.5 4.5',
  stop: 'M4 4h8v8H4z',
  sun: 'M8 10.7a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  tag: 'M2.3 2.3h5.4l6 6-5.4 5.4-6-6zM5.2 5.2h.01',
  turn: 'M13.8 8A5.8 5.8 0 1 1 8 2.2',
  undo: 'M5.5 3 2.5 6l3 3M2.8 6h6.7a3.7 3.7 0 0 1 0 7.4H6',
} as const
export type IconName = keyof typeof paths

export interface IconProps {
  readonly name: IconName
  readonly size?: number
  readonly className?: string | undefined
}

export function Icon({ name, size = 16, className }: IconProps) {
  return (
    <svg
      className={className}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  )
}

/** The sign of the product: a gate over water. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return <img src="/favicon.svg" width={size} height={size} alt="" />
}
