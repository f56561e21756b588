// What Mantine is told: one accent, small controls, and nothing that would need an inline <style>.
import { createTheme, Drawer, Modal, type MantineColorsTuple } from '@mantine/core'

/** Only the shade names matter here; the colours that are drawn stand in mantine.css, per scheme. */
const sluice: MantineColorsTuple = [
  '#e9f6f6',
  '#dff0f1',
  '#b7dede',
  '#86d8d8',
  '#5cc4c6',
  '#2e99a0',
  '#1a7f8e',
  '#0e6470',
  '#0a4e58',
  '#073940',
]

export const theme = createTheme({
  primaryColor: 'sluice',
  colors: { sluice },
  fontFamily: 'var(--font-text)',
  fontFamilyMonospace: 'var(--font-code)',
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    // The placeholder is a focusable element that a menu may not have: the first item takes the focus instead.
    Menu: { defaultProps: { shadow: 'md', withInitialFocusPlaceholder: false } },
    // Locking the scroll of the page writes a <style> element; our page does not scroll as a whole anyway.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true, padding: 'lg' } }),
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false, position: 'right', padding: 'lg' } }),
  },
})
