// A driver for PostgreSQL that keeps its connections: the key exchange of a new one (SCRAM, 4096 rounds) costs more than a command
// of the original. A connection that was closed is as new for the next one: rolled back, and DISCARD ALL.

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Logger;

public class WarmDriver implements Driver {
  private static final Map<String, Deque<Connection>> IDLE = new HashMap<>();

  private final Driver plain = new org.postgresql.Driver();

  @Override
  public Connection connect(String url, Properties info) throws SQLException {
    Deque<Connection> idle = IDLE.computeIfAbsent(url + info, key -> new ArrayDeque<>());
    while (!idle.isEmpty()) {
      Connection warm = idle.pop();
      if (isUsable(warm)) return lend(warm, idle);
    }
    return lend(plain.connect(url, info), idle);
  }

  private static boolean isUsable(Connection warm) {
    try (Statement statement = warm.createStatement()) {
      statement.execute("DISCARD ALL");
      return true;
    } catch (SQLException gone) {
      return false;
    }
  }

  private static Connection lend(Connection real, Deque<Connection> idle) {
    boolean[] closed = {false};
    InvocationHandler handler = (proxy, method, arguments) -> {
      if (method.getName().equals("isClosed")) return closed[0] || real.isClosed();
      if (method.getName().equals("close")) {
        if (!closed[0]) giveBack(real, idle);
        closed[0] = true;
        return null;
      }
      try {
        return method.invoke(real, arguments);
      } catch (InvocationTargetException problem) {
        throw problem.getCause();
      }
    };
    return (Connection) Proxy.newProxyInstance(WarmDriver.class.getClassLoader(), new Class<?>[] {Connection.class}, handler);
  }

  private static void giveBack(Connection real, Deque<Connection> idle) throws SQLException {
    if (real.isClosed()) return;
    if (!real.getAutoCommit()) real.rollback();
    real.setAutoCommit(true);
    idle.push(real);
  }

  @Override
  public boolean acceptsURL(String url) throws SQLException {
    return plain.acceptsURL(url);
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) throws SQLException {
    return plain.getPropertyInfo(url, info);
  }

  @Override
  public int getMajorVersion() {
    return plain.getMajorVersion();
  }

  @Override
  public int getMinorVersion() {
    return plain.getMinorVersion();
  }

  @Override
  public boolean jdbcCompliant() {
    return plain.jdbcCompliant();
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getLogger("");
  }
}
