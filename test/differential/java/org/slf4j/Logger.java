// The few methods that the SQLite driver calls; the original engine's package for Node leaves the library out.
package org.slf4j;

public interface Logger {
  default boolean isTraceEnabled() {
    return false;
  }

  default void trace(String text, Object one, Object two) {}

  default void info(String text, Object one, Object two) {}

  default void warn(String text) {}

  default void error(String text, Throwable cause) {}

  default void error(String text, Object one, Object two) {}

  default void error(String text, Object... values) {}
}
