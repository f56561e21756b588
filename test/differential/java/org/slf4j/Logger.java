// The methods that the SQLite and MariaDB drivers call; the original engine's package for Node leaves the library out.
package org.slf4j;

public interface Logger {
  default String getName() {
    return "";
  }

  default boolean isTraceEnabled() {
    return false;
  }

  default boolean isDebugEnabled() {
    return false;
  }

  default boolean isInfoEnabled() {
    return false;
  }

  default boolean isWarnEnabled() {
    return false;
  }

  default boolean isErrorEnabled() {
    return false;
  }

  default void trace(String text) {}

  default void trace(String text, Throwable cause) {}

  default void trace(String text, Object one, Object two) {}

  default void trace(String text, Object... values) {}

  default void debug(String text) {}

  default void debug(String text, Throwable cause) {}

  default void debug(String text, Object... values) {}

  default void info(String text) {}

  default void info(String text, Throwable cause) {}

  default void info(String text, Object one, Object two) {}

  default void info(String text, Object... values) {}

  default void warn(String text) {}

  default void warn(String text, Throwable cause) {}

  default void warn(String text, Object... values) {}

  default void error(String text) {}

  default void error(String text, Throwable cause) {}

  default void error(String text, Object one, Object two) {}

  default void error(String text, Object... values) {}
}
