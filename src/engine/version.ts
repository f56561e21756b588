// What the LIQUIBASE column of the history and script headers say about who wrote them.

/** At most 20 characters. Real engines split it at dots and compare numeric parts only when there are three, so a word is safe. */
export const engineVersion = 'sluice-0.1.0'
