-- Rasa keeps its own record of talks beside the desk's data.
CREATE DATABASE kefu_tracker OWNER kefu;
