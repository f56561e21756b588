// Gives the SQLite driver a logger that says nothing.
package org.slf4j;

public final class LoggerFactory {
  private static final Logger silent = new Logger() {};

  private LoggerFactory() {}

  public static Logger getLogger(Class<?> owner) {
    return silent;
  }

  public static Logger getLogger(String owner) {
    return silent;
  }
}
